package dev.toolpost.scheduler.job;

import dev.toolpost.scheduler.job.accept.JobAcceptance;
import dev.toolpost.scheduler.job.meter.JobMeters;
import dev.toolpost.scheduler.job.state.JobClock;
import dev.toolpost.scheduler.job.state.JobSettings;
import dev.toolpost.scheduler.out.Letters;
import dev.toolpost.scheduler.out.Room;
import dev.toolpost.schemas.Topics;
import java.util.function.Predicate;

/**
 * What the processors of jobs share. Thread-safe.
 *
 * @param exists whether a topic is there: a record for one that is not would hold up its stream thread
 * @param room what topics take: a larger record would fail its stream thread
 */
record JobParameters(
        Topics topics,
        JobSettings settings,
        JobAcceptance acceptance,
        Predicate<String> exists,
        Room room,
        JobClock time,
        Letters letters,
        JobMeters meters) {}
