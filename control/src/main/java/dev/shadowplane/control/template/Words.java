package dev.shadowplane.control.template;

import java.util.Locale;

/** Constants as they are written in templates. */
final class Words {
  private Words() {}

  static String of(final Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
