package dev.shadowplane.dataplane.encap;

import dev.shadowplane.dataplane.config.CopyChange;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a rule changes about its copies, compiled for the packet path. Immutable. */
public final class CopyShape {
  /** No DSCP, no tag. */
  static final int NONE = -1;

  /** Changes nothing. */
  static final CopyShape UNCHANGED = new CopyShape(CopyChange.NONE, new Rewrites(List.of()));

  private final int snapBytes;
  private final int dscp;
  private final int vlan;
  private final @Nullable Rewrite rewrite;
  private final boolean edits;

  /**
   * Compiles a change.
   *
   * @param change checked before
   * @param rewrites those that there are
   */
  public CopyShape(CopyChange change, Rewrites rewrites) {
    this.snapBytes = change.snapBytes();
    this.dscp = change.markDscp() == null ? NONE : change.markDscp();
    this.vlan = change.markVlan() == null ? NONE : change.markVlan();
    this.rewrite = rewrites.of(change.rewrite());
    this.edits = change.edits();
  }

  int snapBytes() {
    return snapBytes;
  }

  int dscp() {
    return dscp;
  }

  int vlan() {
    return vlan;
  }

  @Nullable Rewrite rewrite() {
    return rewrite;
  }

  /** Whether a copy differs from the frame at all. */
  boolean isChanging() {
    return edits || snapBytes != Integer.MAX_VALUE;
  }

  /** Whether bytes are replaced or added to. */
  boolean edits() {
    return edits;
  }
}
