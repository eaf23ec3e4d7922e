package dev.toolpost.worker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HeapPartTest {

    @Test
    void itIsShortAboveItsBoundAndUntilEnoughIsReleased() {
        HeapPart part = new HeapPart(100);

        assertThat(part.hold(60)).isTrue();
        assertThat(part.isFull()).isFalse();
        assertThat(part.hold(60)).isFalse();
        assertThat(part.isFull()).isTrue();
        part.release(60);
        assertThat(part.held()).isEqualTo(60);
        assertThat(part.hold(40)).isTrue();
    }

    @Test
    void thePartsLeaveTwoFifthsOfTheHeapToAllElse() {
        HeapParts parts = HeapParts.ofHeap();

        long all = parts.read().most() + parts.waiting().most() + parts.turns().most();
        assertThat(all)
                .isBetween(
                        Runtime.getRuntime().maxMemory() / 2,
                        Runtime.getRuntime().maxMemory() / 5 * 3);
    }
}
