package dev.toolpost.connectors;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong in one file, with the places. Not thread-safe; lives while one file is read. */
final class Problems {
    private final String file;
    private final PositionedYaml yaml;
    private final List<Problem> found = new ArrayList<>();

    Problems(String file, PositionedYaml yaml) {
        this.file = file;
        this.yaml = yaml;
    }

    void error(String pointer, String message, String fix) {
        add(Problem.Severity.ERROR, yaml.at(pointer), message, fix);
    }

    void errorAtKey(String pointer, String message, String fix) {
        add(Problem.Severity.ERROR, yaml.keyAt(pointer), message, fix);
    }

    void warning(String pointer, String message, String fix) {
        add(Problem.Severity.WARNING, yaml.at(pointer), message, fix);
    }

    void warningAtKey(String pointer, String message, String fix) {
        add(Problem.Severity.WARNING, yaml.keyAt(pointer), message, fix);
    }

    /** A place where the file does not fit a JSON Schema. */
    void violation(Violation violation) {
        String pointer = violation.pointer();
        Position position = switch (violation.kind()) {
            case VALUE -> yaml.at(pointer);
            case UNKNOWN_MEMBER -> yaml.keyAt(pointer);
            case MISSING_MEMBER -> yaml.keyAt(pointer.substring(0, pointer.lastIndexOf('/')));
        };
        String message = violation.kind() == Violation.Kind.VALUE
                ? place(pointer) + ": " + violation.message()
                : violation.message();
        add(Problem.Severity.ERROR, position, message, violation.fix());
    }

    boolean hasErrors() {
        return found.stream().anyMatch(problem -> problem.severity() == Problem.Severity.ERROR);
    }

    /** Everything found, in the order of the file. */
    List<Problem> inOrder() {
        return found.stream()
                .distinct()
                .sorted(Comparator.comparingInt(Problem::line).thenComparingInt(Problem::column))
                .toList();
    }

    private void add(Problem.Severity severity, Position at, String message, String fix) {
        found.add(new Problem(severity, file, at.line(), at.column(), message, fix));
    }

    /** The end of a pointer, as much as says where it is: {@code paging.kind}, {@code rules[0].means}. */
    private static String place(String pointer) {
        if (pointer.isEmpty()) {
            return "the file";
        }
        String place = "";
        for (int end = pointer.length(), names = 0; end > 0 && names < 2; ) {
            int slash = pointer.lastIndexOf('/', end - 1);
            String name = pointer.substring(slash + 1, end).replace("~1", "/").replace("~0", "~");
            boolean isIndex = !name.isEmpty() && name.chars().allMatch(Character::isDigit);
            String text = isIndex ? "[" + name + "]" : name;
            place = text + (place.isEmpty() || place.startsWith("[") ? "" : ".") + place;
            names += isIndex ? 0 : 1;
            end = slash;
        }
        return place;
    }
}
