package dev.shadowplane.control.shadow;

/**
 * A network in which there may be something of ours. Claims are kept until nothing is left there,
 * so that whatever ended in the middle is finished.
 *
 * @param provisioner who makes it.
 * @param network its name there.
 */
record Claim(String provisioner, String network) {}
