package dev.shadowplane.dataplane.conductor;

import dev.shadowplane.dataplane.telemetry.ReplyStatus;

/** What a command is answered. */
record Answer(ReplyStatus status, String text) {}
