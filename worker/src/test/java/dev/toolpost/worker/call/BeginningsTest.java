package dev.toolpost.worker.call;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many calls may be about to run. */
class BeginningsTest {

    private final Beginnings beginnings = new Beginnings(2);

    @Test
    void noMoreAreStartedWhileMoreThanHalfOfThemHaveNotRun() {
        assertThat(beginnings.room()).isEqualTo(16);
        for (int i = 0; i < 16; i++) {
            beginnings.started();
        }
        assertThat(beginnings.room()).isZero();
        for (int i = 0; i < 7; i++) {
            assertThat(beginnings.runs()).isFalse();
        }
        assertThat(beginnings.room()).isZero();
        assertThat(beginnings.runs()).isTrue();
        assertThat(beginnings.room()).isEqualTo(8);
    }

    @Test
    void aCallThatRunsHoldsUpNobodyHoweverLongItTakes() {
        for (int i = 0; i < 10_000; i++) {
            beginnings.started();
            beginnings.runs();
        }
        assertThat(beginnings.room()).isEqualTo(16);
    }
}
