package dev.toolpost.scheduler.job;

import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that were used last, parsed. Bounded in number and in what they hold: parts of large jobs, with their lists of connections and
 * values, take many times what others do. The one that was used last stays whatever it holds. Confined to a stream thread.
 */
final class RecentJobs {

    private record Held(KnownJob job, long characters) {}

    private final int mostJobs;
    private final long mostCharacters;
    private final Map<String, Held> held = new LinkedHashMap<>(16, 0.75f, true);
    private long characters;

    /** @param mostCharacters of the commands that the jobs were made of */
    RecentJobs(int mostJobs, long mostCharacters) {
        this.mostJobs = mostJobs;
        this.mostCharacters = mostCharacters;
    }

    @Nullable
    KnownJob get(String id) {
        Held found = held.get(id);
        return found == null ? null : found.job;
    }

    /** @param command of which the job was made, as it is kept */
    void put(String id, KnownJob job, String command) {
        remove(id);
        held.put(id, new Held(job, command.length()));
        characters += command.length();
        Iterator<Held> eldest = held.values().iterator();
        while (held.size() > 1 && (held.size() > mostJobs || characters > mostCharacters)) {
            characters -= eldest.next().characters;
            eldest.remove();
        }
    }

    void remove(String id) {
        Held removed = held.remove(id);
        if (removed != null) {
            characters -= removed.characters;
        }
    }
}
