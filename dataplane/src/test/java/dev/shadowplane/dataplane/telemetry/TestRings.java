package dev.shadowplane.dataplane.telemetry;

import java.util.ArrayList;
import java.util.List;

/** A user of record rings that lets go when the test says so. */
final class TestRings<R> implements RecordRings<R> {
  final List<String> calls = new ArrayList<>();
  List<R> rings = List.of();
  boolean letsGo = true;

  @Override
  public void attached(final long controlEpoch, final List<R> ringsByWorker) {
    calls.add("attached " + controlEpoch);
    rings = ringsByWorker;
  }

  @Override
  public void detach() {
    calls.add("detach");
  }

  @Override
  public boolean released() {
    if (letsGo) {
      rings = List.of();
    }
    return letsGo;
  }
}
