package dev.shadowplane.control.cli;

/** How that is printed which is no table, and so has no CSV form. */
enum SummaryFormat {
  /** For a reader. */
  text,
  /** One JSON value (RFC 8259), with the field names of the contract. */
  json
}
