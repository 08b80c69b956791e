/** Files that outlive a process, or tell processes apart: locks, and writing all or nothing. */
@org.jspecify.annotations.NullMarked
package dev.shadowplane.dataplane.file;
