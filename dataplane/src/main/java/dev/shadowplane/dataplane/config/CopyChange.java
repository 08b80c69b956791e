package dev.shadowplane.dataplane.config;

import org.jspecify.annotations.Nullable;

/**
 * What a rule changes about its copies; never about production.
 *
 * @param snapLength how many bytes of a frame are taken, 14 to 65,535, or null for all; of copies
 *     for ports, collectors and the journal
 * @param markDscp the DSCP that copies for ports and collectors bear, 0 to 63, or null
 * @param markVlan the VLAN identifier of a tag put around copies for ports and collectors, 1 to
 *     4,094, or null
 * @param rewrite the name of the map by which MACs, VLANs and addresses of copies for ports and
 *     collectors are replaced, or null
 */
public record CopyChange(
    @Nullable Integer snapLength,
    @Nullable Integer markDscp,
    @Nullable Integer markVlan,
    @Nullable String rewrite) {
  /** Changes nothing. */
  public static final CopyChange NONE = new CopyChange(null, null, null, null);

  /**
   * How many bytes of a frame are taken at most.
   *
   * @return {@link Integer#MAX_VALUE} for all
   */
  public int snapBytes() {
    return snapLength == null ? Integer.MAX_VALUE : snapLength;
  }

  /**
   * Whether bytes that production sent are replaced or added to.
   *
   * @return false when copies are at most cut
   */
  public boolean edits() {
    return markDscp != null || markVlan != null || rewrite != null;
  }

  static CopyChange read(YamlReader rule) {
    final @Nullable Integer snapLength =
        rule.optional("snap-length", text -> YamlReader.wholeNumber(text, 14, 65_535)).orElse(null);
    final @Nullable YamlReader mark = rule.mapping("mark").orElse(null);
    @Nullable Integer dscp = null;
    @Nullable Integer vlan = null;
    if (mark != null) {
      dscp = mark.optional("dscp", text -> YamlReader.wholeNumber(text, 0, 63)).orElse(null);
      vlan = mark.optional("vlan", text -> YamlReader.wholeNumber(text, 1, 4_094)).orElse(null);
      mark.done();
      if (dscp == null && vlan == null) {
        throw rule.refuse("mark", "marks nothing: give dscp or vlan");
      }
    }
    return new CopyChange(snapLength, dscp, vlan, rule.optionalText("rewrite").orElse(null));
  }
}
