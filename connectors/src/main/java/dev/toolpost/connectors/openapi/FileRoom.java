package dev.toolpost.connectors.openapi;

import tools.jackson.databind.JsonNode;

/** The room that a connector's file has for tools. Not thread-safe. */
final class FileRoom {
    static final String FULL = "the connector's file is full; select fewer operations with --include";

    /** A connector's file may have a little more. */
    private static final int MOST_CHARACTERS = 950_000;

    private static final int MOST_VALUES = 170_000;

    /** After so many in a row that did not fit, none is looked for that might. */
    private static final int MOST_TRIES = 20;

    private int characters;
    private int values;
    private int misfits;
    private boolean complete = true;

    /** Whether there was room for the tool, which is taken now. */
    boolean takes(ImportedTool tool) {
        YamlText text = new YamlText();
        OpenApiImport.writeTool(text, tool);
        int size = count(tool.tool());
        if (characters + text.length() > MOST_CHARACTERS || values + size > MOST_VALUES) {
            misfits++;
            complete = false;
            return false;
        }
        characters += text.length();
        values += size;
        misfits = 0;
        return true;
    }

    /** Whether there is none left that could be of use. */
    boolean isFull() {
        return misfits >= MOST_TRIES;
    }

    /** Whether everything fitted. */
    boolean isComplete() {
        return complete;
    }

    private static int count(JsonNode node) {
        int count = 1;
        for (JsonNode each : node) {
            count += count(each);
        }
        return count;
    }
}
