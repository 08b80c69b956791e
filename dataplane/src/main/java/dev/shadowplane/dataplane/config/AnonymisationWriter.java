package dev.shadowplane.dataplane.config;

import java.util.LinkedHashMap;
import java.util.Map;

/** Writes anonymisations as JSON, in the form that {@link AnonymisationReader} reads. */
public final class AnonymisationWriter {
  private AnonymisationWriter() {}

  /**
   * Writes one.
   *
   * @param anonymisation what; the file of the key is named, the key is not
   * @return one line
   */
  public static String write(Anonymisation anonymisation) {
    final Map<String, Object> map = new LinkedHashMap<>();
    map.put("name", anonymisation.name());
    map.put("key-file", anonymisation.keyFile().toString());
    map.put("addresses", anonymisation.addresses());
    map.put("keep", anonymisation.keep().stream().map(IpPrefix::toString).toList());
    map.put("macs", anonymisation.macs().toString());
    map.put("payload", anonymisation.payload().toString());
    return Json.write(map);
  }
}
