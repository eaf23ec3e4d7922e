package dev.toolpost.connectors.openapi;

import dev.toolpost.connectors.openapi.ImportReport.LeftOut;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Collects what is left out and guessed while a document is read. Not thread-safe. */
final class Notes {
    private final Set<LeftOut> leftOut = new LinkedHashSet<>();
    private final Set<String> guesses = new LinkedHashSet<>();
    private String operation = "";

    /** From here on it is about this operation; empty for the document as a whole. */
    void about(String name) {
        operation = name;
    }

    void leftOut(String what, String why) {
        leftOut.add(new LeftOut(operation, what, why));
    }

    void guess(String what) {
        guesses.add(what);
    }

    List<LeftOut> leftOut() {
        return new ArrayList<>(leftOut);
    }

    List<String> guesses() {
        return new ArrayList<>(guesses);
    }
}
