package dev.toolpost.benchmarks;

import java.util.List;
import java.util.Locale;

/** What a worker's processor time is spent for, told by thread and by the innermost frame that is ours. */
final class Feature {

    private record Rule(String prefix, String feature) {}

    /** By a thread's name where it does one thing. */
    private static final List<Rule> THREADS = List.of(
            new Rule("kafka-producer-network-thread", "producer's network thread (Kafka)"),
            new Rule("kafka-coordinator-heartbeat", "heartbeats (Kafka)"),
            new Rule("intake", "consumer's poll thread"),
            new Rule("committer", "committer"),
            new Rule("data-plane-kafka-request-handler", "broker: request handlers"),
            new Rule("data-plane-kafka-network", "broker: network"));

    /** By the innermost frame with such a class or method; the first that fits counts. */
    private static final List<Rule> FRAMES = List.of(
            new Rule("dev.toolpost.connectors.ArgumentValidator", "arguments: validation"),
            new Rule("dev.toolpost.connectors.ArgumentsSchema", "arguments: validation"),
            new Rule("dev.toolpost.worker.call.ArgumentReader", "arguments: parsing"),
            new Rule("dev.toolpost.worker.request.CanonicalJson", "arguments: canonical form"),
            new Rule("dev.toolpost.worker.request", "request: build"),
            new Rule("dev.toolpost.connectors", "request: build (templates)"),
            new Rule("dev.toolpost.worker.http", "HTTP exchange"),
            new Rule("dev.toolpost.worker.classify", "response: classify"),
            new Rule("dev.toolpost.worker.ratelimit", "permits"),
            new Rule("dev.toolpost.worker.retry", "retry, breaker, budget"),
            new Rule("dev.toolpost.worker.credentials", "credentials"),
            new Rule("dev.toolpost.worker.call.CallReader", "decode"),
            new Rule("dev.toolpost.worker.reply.ReplyWriter", "reply: encode and send"),
            new Rule("dev.toolpost.worker.reply.ReplyRoutes", "reply: route"),
            new Rule("dev.toolpost.worker.reply", "reply: encode and send"),
            new Rule("dev.toolpost.worker.commit", "committer"),
            new Rule("dev.toolpost.worker.ledger", "offset ledger"),
            new Rule("dev.toolpost.worker.ownership", "offset ledger"),
            new Rule("dev.toolpost.worker.intake", "consumer's poll thread"),
            new Rule("dev.toolpost.worker.call", "call: everything else"),
            new Rule("dev.toolpost.worker", "other"),
            new Rule("dev.toolpost.benchmarks.PlainHttp", "HTTP exchange"),
            new Rule("dev.toolpost.benchmarks", "bare loop"),
            new Rule("io.confluent", "parallel consumer"));

    private static final String SCHEDULING = "virtual threads: scheduling";

    private Feature() {}

    /**
     * The feature of a sample.
     *
     * @param thread the thread's name, empty where it has none
     * @param frames as {@code class.method}, innermost first
     */
    static String of(String thread, List<String> frames) {
        for (Rule rule : THREADS) {
            if (thread.startsWith(rule.prefix())) {
                return rule.feature();
            }
        }
        for (String frame : frames) {
            // Schemas serve decoding and encoding: who called says which.
            if (frame.startsWith("dev.toolpost.schemas") || frame.startsWith("dev.toolpost.message")) {
                continue;
            }
            for (Rule rule : FRAMES) {
                if (frame.startsWith(rule.prefix())) {
                    return rule.feature();
                }
            }
        }
        boolean pool = thread.toLowerCase(Locale.ROOT).contains("forkjoinpool")
                || frames.stream()
                        .anyMatch(frame -> frame.startsWith("java.lang.VirtualThread")
                                || frame.startsWith("java.util.concurrent.ForkJoin"));
        return pool ? SCHEDULING : thread.isEmpty() ? "unnamed thread" : "thread " + thread.replaceAll("\\d+", "N");
    }

    /** The library or package at the top of the stack: where the time is spent itself. */
    static String library(List<String> frames) {
        if (frames.isEmpty()) {
            return "(no frame)";
        }
        String frame = frames.getFirst();
        for (String prefix : List.of(
                "org.apache.kafka.clients.producer",
                "org.apache.kafka.clients.consumer",
                "org.apache.kafka",
                "org.apache.hc",
                "org.apache.avro",
                "com.networknt",
                "tools.jackson",
                "dev.toolpost",
                "sun.nio",
                "java.net",
                "java.util.concurrent",
                "java.util",
                "java.lang",
                "java.nio",
                "java",
                "jdk",
                "sun")) {
            if (frame.startsWith(prefix + ".")) {
                return prefix;
            }
        }
        return "other";
    }
}
