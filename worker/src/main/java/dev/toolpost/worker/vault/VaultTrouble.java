package dev.toolpost.worker.vault;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** One request that came to nothing. */
final class VaultTrouble extends Exception {

    private final boolean passing;
    private final boolean perhapsDone;
    private final int status;
    private final @Nullable Duration wish;

    /**
     * @param status of the answer; 0 where there was none
     * @param passing whether the same request may succeed later
     * @param perhapsDone whether Vault may have carried it out all the same
     * @param wish how long Vault wants to be left alone, or null
     */
    VaultTrouble(
            String message,
            int status,
            boolean passing,
            boolean perhapsDone,
            @Nullable Duration wish,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.passing = passing;
        this.perhapsDone = perhapsDone;
        this.wish = wish;
    }

    static VaultTrouble refused(String message, int status) {
        return new VaultTrouble(message, status, false, false, null, null);
    }

    String text() {
        return String.valueOf(getMessage());
    }

    int status() {
        return status;
    }

    boolean passing() {
        return passing;
    }

    boolean perhapsDone() {
        return perhapsDone;
    }

    @Nullable
    Duration wish() {
        return wish;
    }
}
