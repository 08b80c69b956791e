/**
 * Monitoring of production networks and their shadows: what VMs, networks, the host, data-plane
 * ports and services use and tell is measured every second and kept as series. It knows nothing of
 * transport.
 */
@NullMarked
package dev.shadowplane.control.monitor;

import org.jspecify.annotations.NullMarked;
