package dev.shadowplane.control.provision;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.Nulls;
import dev.shadowplane.dataplane.config.IpPrefix;
import dev.shadowplane.dataplane.config.MacAddress;
import dev.shadowplane.dataplane.config.PortRanges;
import java.lang.reflect.AnnotatedElement;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationContext;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.cfg.CoercionAction;
import tools.jackson.databind.cfg.CoercionInputShape;
import tools.jackson.databind.cfg.MapperConfig;
import tools.jackson.databind.deser.std.StdScalarDeserializer;
import tools.jackson.databind.introspect.Annotated;
import tools.jackson.databind.introspect.AnnotatedConstructor;
import tools.jackson.databind.introspect.AnnotatedParameter;
import tools.jackson.databind.introspect.JacksonAnnotationIntrospector;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.module.SimpleModule;
import tools.jackson.databind.type.LogicalType;

/**
 * The records of this package as JSON (RFC 8259), for drivers beyond this process. Fields have the
 * names of the records' components; one that is null is left out. An item says in {@code item} and
 * a step in {@code step} which it is; prefixes, MAC addresses and ports are texts. Equal values
 * have equal texts. What is read may be hostile: unknown, missing, doubled and null fields, wrong
 * types, and more than {@link #MAX_CHARACTERS} or {@value #MAX_DEPTH} levels are refused; what
 * names and numbers may be is for the reader to check.
 */
public final class ItemJson {
  /** The longest text that is read. */
  public static final int MAX_CHARACTERS = 16 << 20;

  private static final int MAX_DEPTH = 32;
  private static final int MAX_STRING_CHARACTERS = 8 << 20;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxDocumentLength(MAX_CHARACTERS)
                          .maxStringLength(MAX_STRING_CHARACTERS)
                          .maxNestingDepth(MAX_DEPTH)
                          .build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .addMixIn(Item.class, ItemKinds.class)
          .addMixIn(Step.class, StepKinds.class)
          .addMixIn(IpPrefix.class, AsText.class)
          .addMixIn(MacAddress.class, AsText.class)
          .addMixIn(PortRanges.class, AsText.class)
          .addModule(
              new SimpleModule()
                  .addDeserializer(IpPrefix.class, new Text<>(IpPrefix.class, IpPrefix::of))
                  .addDeserializer(MacAddress.class, new Text<>(MacAddress.class, MacAddress::of))
                  .addDeserializer(PortRanges.class, new Text<>(PortRanges.class, PortRanges::of)))
          .annotationIntrospector(new RefusingNulls())
          .changeDefaultPropertyInclusion(
              inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_NULL))
          .enable(
              DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES,
              DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES,
              DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .withCoercionConfig(
              LogicalType.Textual,
              text ->
                  text.setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                      .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail))
          .build();

  private ItemJson() {}

  /** Writes a record of this package, or one that is made of such, on one line. */
  public static String write(final Object value) {
    return MAPPER.writeValueAsString(value);
  }

  /** A record of this package as a tree, for looking at its parts. */
  public static JsonNode tree(final Object value) {
    return MAPPER.valueToTree(value);
  }

  /**
   * Reads a record.
   *
   * @param text one JSON value.
   * @param type what it should be.
   * @throws IllegalArgumentException if it is not; the message says where and why.
   */
  public static <T> T read(final String text, final Class<T> type) {
    if (text.length() > MAX_CHARACTERS) {
      throw new IllegalArgumentException(
          "the text has " + text.length() + " characters, and may have " + MAX_CHARACTERS);
    }
    final T value;
    try {
      value = MAPPER.readValue(text, type);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "this is no " + type.getSimpleName() + ": " + e.getOriginalMessage() + place(e), e);
    }
    if (value == null) {
      throw new IllegalArgumentException("this is no " + type.getSimpleName() + " but null");
    }
    return value;
  }

  private static String place(final JacksonException thrown) {
    final String path = thrown.getPathReference();
    return path == null || path.isEmpty() ? "" : " (at " + path + ")";
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "item")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Item.NetworkItem.class, name = "network"),
    @JsonSubTypes.Type(value = Item.VmItem.class, name = "vm"),
    @JsonSubTypes.Type(value = Item.ServiceItem.class, name = "service"),
    @JsonSubTypes.Type(value = Item.AgentItem.class, name = "agent")
  })
  private interface ItemKinds {}

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "step")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = Step.Put.class, name = "put"),
    @JsonSubTypes.Type(value = Step.Delete.class, name = "delete")
  })
  private interface StepKinds {}

  private interface AsText {
    @Override
    @JsonValue
    String toString();
  }

  /** A value that is a text. */
  private static final class Text<T> extends StdScalarDeserializer<T> {
    private final transient Function<String, T> reader;

    Text(final Class<T> type, final Function<String, T> reader) {
      super(type);
      this.reader = reader;
    }

    @Override
    public T deserialize(final JsonParser parser, final DeserializationContext context) {
      final String text = _parseString(parser, context, this);
      try {
        return reader.apply(text);
      } catch (IllegalArgumentException e) {
        return context.reportInputMismatch(
            this, "'%s' is none: %s", text.substring(0, Math.min(60, text.length())), e);
      }
    }
  }

  /** Only what is {@link Nullable} may be null or missing. */
  private static final class RefusingNulls extends JacksonAnnotationIntrospector {
    @Override
    public JsonSetter.Value findSetterInfo(final MapperConfig<?> config, final Annotated member) {
      if (member instanceof AnnotatedParameter parameter
          && parameter.getOwner() instanceof AnnotatedConstructor owner) {
        final AnnotatedElement type =
            owner.getAnnotated().getAnnotatedParameterTypes()[parameter.getIndex()];
        return type.isAnnotationPresent(Nullable.class)
            ? JsonSetter.Value.forContentNulls(Nulls.FAIL)
            : JsonSetter.Value.construct(Nulls.FAIL, Nulls.FAIL);
      }
      return super.findSetterInfo(config, member);
    }
  }
}
