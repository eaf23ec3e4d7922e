package dev.toolpost.scheduler.feature;

import dev.toolpost.scheduler.http.Peers;
import dev.toolpost.scheduler.http.Router;
import io.micrometer.core.instrument.MeterRegistry;
import org.apache.kafka.streams.KafkaStreams;

/**
 * The process around a feature.
 *
 * @param streams for reading stores; not started yet when it is handed out
 * @param router takes the feature's paths
 * @param peers asks the other instances
 * @param meters takes the feature's meters
 */
public record Surroundings(KafkaStreams streams, Router router, Peers peers, MeterRegistry meters) {}
