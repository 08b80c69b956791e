package dev.shadowplane.control.shadow;

import dev.shadowplane.dataplane.config.Rule;
import dev.shadowplane.dataplane.telemetry.RuleLedger;
import java.util.Collection;
import java.util.List;

/** The mirror rules of shadows in the data plane. Safe for several threads. */
public interface Mirrors {
  /**
   * Makes the rules of all shadows these, in one step, and leaves every other rule as it is.
   *
   * @param rules the rules of all shadows.
   * @param dryRun whether only to tell what would be done.
   * @return what was done; empty if these are the rules already.
   * @throws MirrorException if the data plane is away, unless there are no rules, or if it refuses;
   *     nothing has changed then.
   */
  List<Change> replace(List<Rule> rules, boolean dryRun) throws MirrorException;

  /**
   * Sees to it that what shadow networks send goes no further, before anything is sent to them.
   *
   * @param ports the data plane's ports that lead to shadow networks.
   * @throws MirrorException if the data plane is away, or a port is not a shadow network's.
   */
  void standby(Collection<String> ports) throws MirrorException;

  /** What became of the packets that rules decided about; empty while the data plane is away. */
  List<RuleLedger> ledgers();

  /** Runs something whenever a data plane is attached; not for long. */
  void onAttach(Runnable listener);

  /** The rules could not be made what they ought to be. */
  final class MirrorException extends Exception {
    private static final long serialVersionUID = 1;

    private final boolean away;

    /**
     * An exception with a line for people.
     *
     * @param away whether this is because no data plane is attached; it is made good when one is.
     */
    public MirrorException(final String message, final boolean away) {
      super(message);
      this.away = away;
    }

    /** Whether this is because no data plane is attached. */
    public boolean away() {
      return away;
    }
  }
}
