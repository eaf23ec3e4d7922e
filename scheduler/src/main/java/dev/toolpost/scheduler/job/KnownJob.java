package dev.toolpost.scheduler.job;

import dev.toolpost.schemas.Format;
import dev.toolpost.schemas.Shards;

/**
 * A job as it was taken on, ready for use. Nobody may change what it holds.
 *
 * @param vendor in whose line its parts wait
 * @param resumeTopic where they begin
 * @param format in which people are told of it
 * @param digest of what was submitted
 */
record KnownJob(JobRecords records, String vendor, String resumeTopic, Format format, String digest) {

    /** The key of what goes to the connection of a part. */
    String placeOf(int part) {
        return Shards.key(records.plan().tenant(), records.plan().connection(part));
    }
}
