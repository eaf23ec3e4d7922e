package dev.toolpost.worker.config;

/** Whether calls must prove who makes them. Outside development it has to be chosen. */
public enum Authorization {
    OFF,
    REQUIRED
}
