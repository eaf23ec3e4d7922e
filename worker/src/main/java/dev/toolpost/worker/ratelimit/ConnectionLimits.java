package dev.toolpost.worker.ratelimit;

/** How the limits of one connection stand in the worker that owns it. Immutable. */
public record ConnectionLimits(String pool, String vendor, String tenant, String connection, LimiterView view) {}
