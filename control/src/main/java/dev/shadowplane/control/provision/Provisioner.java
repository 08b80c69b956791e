package dev.shadowplane.control.provision;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Makes networks real. Implementations are safe for several threads; calls about one network are
 * made one after the other.
 */
public interface Provisioner extends AutoCloseable {
  /** What is told while steps are carried out; from any thread. */
  interface Listener {
    /** A step is done. */
    void done(Step step);

    /**
     * A step failed; those that need it are not tried, others go on.
     *
     * @param reason a line for people: what, why and what to do.
     */
    void failed(Step step, String reason);
  }

  /** The word that templates choose it by. */
  String name();

  /**
   * Finds out what is there of a network.
   *
   * @return every item, also what is left of half-made ones; empty if there is nothing.
   * @throws ProvisionException if that cannot be found out.
   */
  List<Observed> observe(String network) throws ProvisionException;

  /**
   * Carries out steps of one network, each after those that it needs: puts by ascending kind, and
   * before them deletes by descending kind. Returns when each was told to the listener; a service
   * is done when it passes its check.
   */
  void carryOut(String network, List<Step> steps, Listener listener);

  /**
   * What a network and its VMs use.
   *
   * @return empty if this provisioner cannot tell.
   * @throws ProvisionException if it cannot be found out.
   */
  List<Usage> usage(String network) throws ProvisionException;

  /**
   * Reads what a service tells of itself in the format of Prometheus, from within its network.
   *
   * @param service an instance of a service.
   * @param path where, an absolute path.
   * @return a text of at most 1 MiB; empty if this provisioner reaches no services, and somebody
   *     else has to ask them.
   * @throws ProvisionException if it does not tell.
   */
  default Optional<String> metrics(final ItemKey service, final String path)
      throws ProvisionException {
    return Optional.empty();
  }

  /**
   * Calls a listener with the name of a network when something of it has changed that no step of
   * ours changed; at most a few times a second.
   */
  void onChange(Consumer<String> listener);

  @Override
  void close();
}
