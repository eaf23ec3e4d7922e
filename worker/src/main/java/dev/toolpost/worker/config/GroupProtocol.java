package dev.toolpost.worker.config;

/** Kafka's protocol for consumer groups: {@code CLASSIC}, or {@code CONSUMER} (KIP-848). */
public enum GroupProtocol {
    CLASSIC,
    CONSUMER
}
