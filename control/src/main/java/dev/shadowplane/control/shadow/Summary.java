package dev.shadowplane.control.shadow;

/**
 * A network and its shadow in one line.
 *
 * @param network the production network.
 * @param shadow its shadow; empty if it has none.
 * @param state how it is.
 * @param mirroring whether the shadow is fed: it has rules and is not paused.
 * @param revision the version of its template; 0 while it is being deleted.
 * @param vms VMs of the production network.
 * @param shadowVms those of them that the shadow has copies of.
 * @param services services of the production network.
 * @param rules mirror rules.
 * @param problem the first thing that is wrong; empty if nothing is.
 */
public record Summary(
    String network,
    String shadow,
    State state,
    boolean mirroring,
    long revision,
    int vms,
    int shadowVms,
    int services,
    int rules,
    String problem) {
  /** How a network is. */
  public enum State {
    /** Everything is as the template says. */
    READY,
    /** It is being brought about, or looked at. */
    WORKING,
    /** Something is not as it ought to be, and is tried again. */
    DEGRADED,
    /** It is being deleted. */
    DELETING
  }

  static Summary of(final ManagedNetwork network, final boolean busy) {
    final ManagedNetwork.State state = network.state();
    final Outcome outcome = state.outcome();
    final String problem =
        !state.obstacle().isEmpty()
            ? state.obstacle()
            : outcome.problems().isEmpty() ? "" : outcome.problems().getFirst();
    final Wanted wanted = state.wanted();
    if (wanted == null) {
      final State deleting = state.obstacle().isEmpty() ? State.DELETING : State.DEGRADED;
      return new Summary(network.name(), "", deleting, false, 0, 0, 0, 0, 0, problem);
    }
    return new Summary(
        wanted.name(),
        wanted.shadow(),
        !problem.isEmpty()
            ? State.DEGRADED
            : outcome.revision() != state.revision() || (busy && !outcome.complete())
                ? State.WORKING
                : State.READY,
        !wanted.rules().isEmpty() && !state.paused(),
        state.revision(),
        wanted.template().network().vms().size(),
        wanted.shadowVms().size(),
        wanted.template().network().services().size(),
        wanted.rules().size(),
        problem);
  }
}
