package dev.shadowplane.control.cli;

/** How a table is printed. */
enum Format {
  /** Aligned columns for a reader. */
  text,
  /** One JSON value (RFC 8259), with the field names of the contract. */
  json,
  /** A header line and a line a row (RFC 4180). */
  csv
}
