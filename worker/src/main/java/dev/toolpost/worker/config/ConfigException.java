package dev.toolpost.worker.config;

import java.util.List;

/** The configuration cannot be used. The message lists all problems, each with its place and its remedy. */
public final class ConfigException extends RuntimeException {
    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** One sentence per problem, such as {@code toolpost.yaml:3:5: worker.max_in_flite: unknown key (…)}. */
    public List<String> problems() {
        return problems;
    }
}
