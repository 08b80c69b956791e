package dev.shadowplane.control.api;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import com.google.gson.Strictness;
import com.google.gson.ToNumberPolicy;
import com.google.gson.reflect.TypeToken;
import java.util.Map;

/** JSON text (RFC 8259) to and from maps, lists, strings, numbers and booleans. */
public final class Json {
  private static final Gson GSON =
      new GsonBuilder()
          .setStrictness(Strictness.STRICT)
          .setObjectToNumberStrategy(ToNumberPolicy.LONG_OR_DOUBLE)
          .disableHtmlEscaping()
          .create();
  private static final Gson PRETTY = GSON.newBuilder().setPrettyPrinting().create();
  private static final TypeToken<Map<String, Object>> OBJECT = new TypeToken<>() {};

  private Json() {}

  /**
   * Writes a value on one line.
   *
   * @param value a tree of maps, lists, strings, numbers and booleans.
   * @return the text.
   */
  public static String write(final Object value) {
    return GSON.toJson(value);
  }

  /**
   * Writes a value for a reader, indented.
   *
   * @param value a tree of maps, lists, strings, numbers and booleans.
   * @return the text, without a line break at its end.
   */
  public static String writePretty(final Object value) {
    return PRETTY.toJson(value);
  }

  /**
   * Reads one object.
   *
   * @param text the text.
   * @return the object; whole numbers are {@link Long}, others {@link Double}.
   * @throws IllegalArgumentException if the text is not exactly one object.
   */
  public static Map<String, Object> object(final String text) {
    try {
      final Map<String, Object> object = GSON.fromJson(text, OBJECT);
      if (object == null) {
        throw new IllegalArgumentException("an object is expected, not nothing");
      }
      return object;
    } catch (JsonParseException e) {
      throw new IllegalArgumentException("a JSON object is expected: " + e.getMessage(), e);
    }
  }
}
