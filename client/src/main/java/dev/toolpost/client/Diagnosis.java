package dev.toolpost.client;

import org.jspecify.annotations.Nullable;

/**
 * Why a call may stay without an answer, as far as the cluster tells.
 *
 * @param topic where the call was published
 * @param partitions its partitions; 0 if the topic does not exist, null if the cluster did not say
 * @param group the consumer group whose members execute the topic's calls; null if the topic belongs to no pool
 * @param members workers in the group; null if the cluster did not say
 * @param finding what was found, in one sentence
 * @param remedy what to do about it, in one sentence
 */
public record Diagnosis(
        String topic,
        @Nullable Integer partitions,
        @Nullable String group,
        @Nullable Integer members,
        String finding,
        String remedy) {

    /** Whether the finding explains that nobody can have taken the call. */
    public boolean nobodyThere() {
        return Integer.valueOf(0).equals(partitions) || Integer.valueOf(0).equals(members);
    }

    @Override
    public String toString() {
        return finding + " " + remedy;
    }
}
