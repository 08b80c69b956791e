package dev.shadowplane.control.template;

import dev.shadowplane.dataplane.config.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/**
 * Writes templates in the form that {@link TemplateReader} reads, with everything that was left out
 * filled in: equal templates become equal texts, and what was written is read as an equal template.
 * Safe for several threads.
 */
public final class TemplateWriter {
  private TemplateWriter() {}

  /** As YAML, for people. */
  public static String yaml(final Template template) {
    final DumpSettings settings =
        DumpSettings.builder()
            .setDefaultFlowStyle(FlowStyle.AUTO)
            .setWidth(120)
            .setSplitLines(false)
            .build();
    return new Dump(settings).dumpToString(map(template));
  }

  /** As one line of JSON, for programs. */
  public static String json(final Template template) {
    return Json.write(map(template));
  }

  private static Map<String, Object> map(final Template template) {
    final ShadowSpec shadow = template.shadow();
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("version", Template.VERSION);
    map.put("network", NetworkEncoder.network(template));
    map.put("shadow_enabled", shadow != null);
    if (shadow != null) {
      map.put("shadow", ShadowEncoder.shadow(shadow));
    }
    return map;
  }

  /** An attachment; null if there is none. */
  static @Nullable Map<String, Object> attach(
      final String port, final String hostInterface, final String subnet) {
    if (port.isEmpty()) {
      return null;
    }
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("port", port);
    map.put("interface", hostInterface);
    map.put("subnet", subnet);
    return map;
  }

  /** Puts what has a value; nothing, and the empty text, are left out. */
  static void put(final Map<String, Object> map, final String key, final @Nullable Object value) {
    if (value != null && !value.equals("")) {
      map.put(key, value);
    }
  }

  /** A number, without decimals where it has none. */
  static Object number(final double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15 ? (Object) (long) value : value;
  }
}
