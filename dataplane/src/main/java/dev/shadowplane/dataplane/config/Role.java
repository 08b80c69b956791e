package dev.shadowplane.dataplane.config;

import java.util.Locale;

/** What a shadow network is to production. */
public enum Role {
  /** It gets what is mirrored, and every frame that comes from it is dropped and counted. */
  STANDBY;

  /**
   * Reads one.
   *
   * @param text as {@link #toString} writes it
   * @return the role
   * @throws IllegalArgumentException when it is none
   */
  static Role of(String text) {
    for (Role role : values()) {
      if (role.toString().equals(text)) {
        return role;
      }
    }
    throw new IllegalArgumentException("is no role: give standby");
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
