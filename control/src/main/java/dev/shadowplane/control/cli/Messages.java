package dev.shadowplane.control.cli;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.shadowplane.control.api.RuleObject;
import dev.shadowplane.control.v1.Rule;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Messages of the contract as objects, under the field names of the contract. */
final class Messages {
  private Messages() {}

  /**
   * Every field, set or not; of a rule what is set, in the form that {@code rule add --file} reads.
   */
  static Map<String, Object> object(final Message message) {
    if (message instanceof Rule rule) {
      return RuleObject.write(rule);
    }
    final Map<String, Object> object = new LinkedHashMap<>();
    for (final FieldDescriptor field : message.getDescriptorForType().getFields()) {
      final Object value = message.getField(field);
      if (value instanceof List<?> list) {
        object.put(field.getName(), list.stream().map(Messages::value).toList());
      } else if (!field.hasPresence() || message.hasField(field)) {
        object.put(field.getName(), value(value));
      }
    }
    return object;
  }

  /** Every field but empty lists and texts. */
  static Map<String, Object> present(final Message message) {
    final Map<String, Object> object = object(message);
    object.values().removeIf(value -> value.equals("") || value.equals(List.of()));
    return object;
  }

  private static Object value(final Object value) {
    return switch (value) {
      case Message message -> object(message);
      case EnumValueDescriptor constant -> word(constant);
      default -> value;
    };
  }

  /** A constant without the name of its type, as one types it. */
  private static String word(final EnumValueDescriptor constant) {
    final String type =
        constant.getType().getName().replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    return constant.getName().replaceFirst("^" + type + "_", "").toLowerCase(Locale.ROOT);
  }
}
