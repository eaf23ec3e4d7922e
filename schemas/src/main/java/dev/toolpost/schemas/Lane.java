package dev.toolpost.schemas;

import java.util.Optional;

/** Which of a pool's two queues a call came by. Interactive calls go first. */
public enum Lane {
    INTERACTIVE("interactive"),
    BATCH("batch");

    private final String wireName;

    Lane(String wireName) {
        this.wireName = wireName;
    }

    /** The name used inside messages: {@code interactive} or {@code batch}. */
    public String wireName() {
        return wireName;
    }

    public static Optional<Lane> fromWireName(String name) {
        for (Lane lane : values()) {
            if (lane.wireName.equals(name)) {
                return Optional.of(lane);
            }
        }
        return Optional.empty();
    }
}
