/**
 * The driver that makes networks of the kernel's own parts: network namespaces, bridges, veth
 * pairs, nftables, and processes in control groups. It runs as root, in a process of its own, and
 * believes nothing that it is told: {@link ItemCheck} says what may be asked for.
 */
@NullMarked
package dev.shadowplane.control.provision.netns;

import org.jspecify.annotations.NullMarked;
