package dev.toolpost.worker.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

class LedgerMetadataTest {

    @Test
    void whatIsWrittenIsReadBack() {
        BitSet finished = new BitSet();
        finished.set(1, 4);
        finished.set(700);

        LedgerMetadata read = LedgerMetadata.parse(new LedgerMetadata("owner-1", true, finished).encode());

        assertThat(read).isEqualTo(new LedgerMetadata("owner-1", true, finished));
    }

    @Test
    void anyPatternComesBackAsItWasOrWithoutItsEnd() {
        for (int seed = 0; seed < 300; seed++) {
            Random random = new Random(seed);
            BitSet finished = pattern(random);

            String text = new LedgerMetadata("abcdefghijkl", false, finished).encode();
            LedgerMetadata read = LedgerMetadata.parse(text);

            assertThat(text.length()).as("seed %d", seed).isLessThanOrEqualTo(LedgerMetadata.BUDGET);
            assertThat(read).as("seed %d", seed).isNotNull();
            BitSet expected = finished.get(0, Math.max(0, read.finished().length()));
            assertThat(read.finished()).as("seed %d: a prefix", seed).isEqualTo(expected);
            if (text.length() < LedgerMetadata.BUDGET - 32) {
                assertThat(read.finished()).as("seed %d: nothing cut", seed).isEqualTo(finished);
            }
        }
    }

    @Test
    void everySecondOfTwentyThousandFitsAsABitmap() {
        BitSet finished = new BitSet();
        for (int i = 1; i < 20_000; i += 2) {
            finished.set(i);
        }

        LedgerMetadata read = LedgerMetadata.parse(new LedgerMetadata("abcdefghijkl", false, finished).encode());

        assertThat(read).isNotNull();
        assertThat(read.finished()).isEqualTo(finished);
    }

    @Test
    void aMillionInOneRunTakeAFewCharacters() {
        BitSet finished = new BitSet();
        finished.set(1, 1_000_000);

        assertThat(new LedgerMetadata("abcdefghijkl", false, finished).encode()).hasSizeLessThan(40);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "",
                "some other program's",
                "tp2:abc:u:",
                "tp1::u:",
                "tp1:abc:u",
                "tp1:abc:u:%%%",
                "tp1:abc:u:AP____8",
                "tp1:abc:u:AAH_____________"
            })
    void whatIsNotOursIsPassedOver(String text) {
        assertThat(LedgerMetadata.parse(text)).isNull();
    }

    private static BitSet pattern(Random random) {
        BitSet finished = new BitSet();
        int length = 1 + random.nextInt(60_000);
        int longestGap = 1 + random.nextInt(1 + random.nextInt(300));
        int longestRun = 1 + random.nextInt(1 + random.nextInt(300));
        int at = 1;
        while (at < length) {
            int end = at + 1 + random.nextInt(longestRun);
            finished.set(at, end);
            at = end + 1 + random.nextInt(longestGap);
        }
        return finished;
    }
}
