package dev.shadowplane.dataplane.analytics.aggregate;

/** By what flows are summed up. Every packet is in exactly one key of each kind but two. */
public enum AggregateKind {
  /** Everything in one sum. */
  TOTAL(true),
  /** An IP address. Each packet counts twice: as sent by one host and received by another. */
  HOST(true),
  /** Two IP addresses that talk, whichever begins; the lower one is named first. */
  PAIR(true),
  /**
   * The two sides of the link by MAC address, which is two VMs where both are in one network, and a
   * VM and its gateway elsewhere; one key for flows without a full record.
   */
  VM_PAIR(false),
  /** A subnet; each packet counts twice, as for hosts. */
  SUBNET(true),
  /** A virtual network: outer VLAN and the tunnel's VNI together. */
  NETWORK(false),
  /** The rule that decided; no rule, and flows without a full record, are keys as well. */
  RULE(false),
  /** The server's port and protocol; of protocols without ports the protocol. */
  PORT(true);

  private final boolean stays;

  AggregateKind(boolean stays) {
    this.stays = stays;
  }

  /**
   * Whether a flow has one key from start to end, so that those that go on can be counted by key. A
   * MAC address, a VNI and a rule may become known later, and the rule may change.
   *
   * @return whether {@link AggregateRow#flowsNow} is known
   */
  public boolean countsFlowsNow() {
    return stays;
  }
}
