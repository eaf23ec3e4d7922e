package dev.toolpost.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.toolpost.schemas.Ids;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class UlidsTest {
    @Test
    void writesTheTimeFirst() {
        Ulids ulids = new Ulids(InstantSource.fixed(Instant.ofEpochMilli(1_469_918_176_385L)), new Random(1));
        assertThat(ulids.get()).hasSize(26).startsWith("01ARYZ6S41").matches("[0-9A-HJKMNP-TV-Z]{26}");
    }

    @Test
    void makesDifferentCallIdsInTheSameMillisecond() {
        Ulids ulids = new Ulids(InstantSource.fixed(Instant.EPOCH), new Random(1));
        Set<String> ids = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            ids.add(ulids.get());
        }
        assertThat(ids).hasSize(10_000).allMatch(Ids::isCallId);
    }
}
