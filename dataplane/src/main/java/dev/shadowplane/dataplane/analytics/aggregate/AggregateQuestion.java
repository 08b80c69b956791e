package dev.shadowplane.dataplane.analytics.aggregate;

/**
 * What is asked about sums.
 *
 * @param kind by what they are
 * @param order the largest by what
 * @param limit how many at most, 1 to {@link #MAX_LIMIT}
 * @param minutes how many whole minutes beside the one that lasts, 1 to {@link #MAX_MINUTES}, or
 *     {@link #EVERYTHING}
 */
public record AggregateQuestion(AggregateKind kind, AggregateOrder order, int limit, int minutes) {
  /** The most rows of an answer. */
  public static final int MAX_LIMIT = 1_000;

  /** The longest window but everything. */
  public static final int MAX_MINUTES = MinuteSums.MINUTES;

  /** Since the sums were begun. */
  public static final int EVERYTHING = MAX_MINUTES + 1;

  /** Checks the ranges. */
  public AggregateQuestion {
    if (limit < 1 || limit > MAX_LIMIT) {
      throw new IllegalArgumentException("ask for 1 to " + MAX_LIMIT + " sums, not for " + limit);
    }
    if (minutes < 1 || minutes > EVERYTHING) {
      throw new IllegalArgumentException(
          "ask for 1 to " + MAX_MINUTES + " minutes or for everything, not for " + minutes);
    }
  }
}
