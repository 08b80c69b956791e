package dev.shadowplane.dataplane.telemetry;

import org.jspecify.annotations.Nullable;

/** What control can ask of the data plane. Ids are part of the layout and never reused. */
public enum CommandType {
  /** Body empty; the reply lists the rules. */
  RULES_LIST(1),
  /** Body: one rule. */
  RULE_ADD(2),
  /** Body: the name of a rule. */
  RULE_REMOVE(3),
  /** Body: the complete rule set, which takes the place of the present one. */
  RULES_REPLACE(4),
  /** Body empty; the reply lists the ports. */
  PORTS(5),
  /** Body empty; the reply describes the data plane. */
  STATUS(6),
  /** Body: what is to be replayed, and how; the reply describes the replay. */
  REPLAY_START(7),
  /** Body: the name of a replay, which is held where it is. */
  REPLAY_PAUSE(8),
  /** Body: the name of a replay that is held. */
  REPLAY_RESUME(9),
  /** Body: the name of a replay, and where in its source it is to go on. */
  REPLAY_SEEK(10),
  /** Body: the name of a replay. */
  REPLAY_STOP(11),
  /** Body empty; the reply describes all replays. */
  REPLAYS_LIST(12),
  /** Body empty; the reply lists the roles of shadow networks. */
  ROLES_LIST(13),
  /** Body: a port, a role and its epoch; the reply lists the roles once this one is in force. */
  ROLE_SET(14);

  private static final CommandType[] BY_ID = new CommandType[15];

  static {
    for (final CommandType type : values()) {
      BY_ID[type.id] = type;
    }
  }

  private final int id;

  CommandType(final int id) {
    this.id = id;
  }

  /** Returns the message type in the command ring. */
  public int id() {
    return id;
  }

  /** Returns the type with this id, or null when there is none: any int may be asked for. */
  public static @Nullable CommandType ofId(final int id) {
    return id > 0 && id < BY_ID.length ? BY_ID[id] : null;
  }
}
