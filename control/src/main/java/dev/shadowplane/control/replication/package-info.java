/**
 * Brings the state of production's services into their shadows: folders of files, and services that
 * bring hooks of their own.
 */
@NullMarked
package dev.shadowplane.control.replication;

import org.jspecify.annotations.NullMarked;
