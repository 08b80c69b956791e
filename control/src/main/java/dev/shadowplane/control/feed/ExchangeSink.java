package dev.shadowplane.control.feed;

/** Takes exchanges as they are complete; called by the threads of many sessions. */
@FunctionalInterface
interface ExchangeSink {
  /** Both have answered, or the shadow will not. */
  void accept(Exchange exchange);
}
