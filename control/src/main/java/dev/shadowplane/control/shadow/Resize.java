package dev.shadowplane.control.shadow;

import dev.shadowplane.control.template.ShadowSpec;
import dev.shadowplane.control.template.Template;
import org.jspecify.annotations.Nullable;

/**
 * Other shares of what production has; what is null stays.
 *
 * @param cpuFactor of the processors, above 0, at most 4.
 * @param memoryFactor of the memory, likewise.
 * @param samplePercent of the flows, above 0, at most 100.
 */
record Resize(
    @Nullable Double cpuFactor, @Nullable Double memoryFactor, @Nullable Double samplePercent) {
  private static final double MAX_FACTOR = 4;
  private static final double MAX_PERCENT = 100;

  Resize {
    if (cpuFactor == null && memoryFactor == null && samplePercent == null) {
      throw new ShadowException(
          ShadowException.Reason.INVALID,
          "nothing is to be resized: give a cpu factor, a memory factor or a sample percentage");
    }
    check("the cpu factor", cpuFactor, MAX_FACTOR);
    check("the memory factor", memoryFactor, MAX_FACTOR);
    check("the sample percentage", samplePercent, MAX_PERCENT);
  }

  private static void check(final String what, final @Nullable Double value, final double most) {
    if (value != null && !(value > 0 && value <= most)) {
      throw new ShadowException(
          ShadowException.Reason.INVALID,
          what + " is " + value + ": give a number above 0, at most " + Math.round(most));
    }
  }

  /** A template with a shadow, resized. */
  Template of(final Template template) {
    final ShadowSpec spec = template.shadow();
    if (spec == null) {
      return template;
    }
    return with(
        template,
        new ShadowSpec(
            spec.name(),
            spec.provisioner(),
            spec.port(),
            spec.hostInterface(),
            spec.subnet(),
            spec.fidelity(),
            cpuFactor == null ? spec.cpuFactor() : cpuFactor,
            memoryFactor == null ? spec.memoryFactor() : memoryFactor,
            samplePercent == null ? spec.samplePercent() : samplePercent,
            spec.pairs(),
            spec.anonymisation(),
            spec.thresholds(),
            spec.services()));
  }

  /** A template's production network alone. */
  static Template withoutShadow(final Template template) {
    return with(template, null);
  }

  private static Template with(final Template template, final @Nullable ShadowSpec shadow) {
    return new Template(
        template.network(),
        template.provisioner(),
        template.port(),
        template.hostInterface(),
        template.hostSubnet(),
        shadow);
  }
}
