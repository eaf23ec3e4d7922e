# shellcheck shell=sh
# Finds a JDK for Toolpost. Sourced by mvnw and toolpost; plain POSIX sh that starts no process while it looks.
#
#   find_jdk   sets and exports JAVA_HOME and sets JDK_VERSION; when there is none it says
#              what to install and where it looked, and returns 1
#
# The order: $JAVA_HOME, the java on the PATH, then the usual places. There a JDK 25 is preferred to a newer one,
# because it is the release that Toolpost is tested on.

JDK_WANTED=25.0.3 # JDK-8369227: on older builds of 25 a virtual thread can stay parked for good

# One pattern a line; a space belongs to the name.
jdk_places() {
    JDK_PLACES="/usr/lib/jvm/*
/usr/lib64/jvm/*
/usr/java/*
/usr/local/*
/usr/local/java/*
/usr/local/lib/jvm/*
/opt/*
/opt/java/*
/opt/jdk/*
/Library/Java/JavaVirtualMachines/*/Contents/Home
$HOME/Library/Java/JavaVirtualMachines/*/Contents/Home
/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home
/home/linuxbrew/.linuxbrew/opt/openjdk*/libexec
${SDKMAN_DIR:-$HOME/.sdkman}/candidates/java/*
$HOME/.jdks/*
${ASDF_DATA_DIR:-$HOME/.asdf}/installs/java/*
${MISE_DATA_DIR:-$HOME/.local/share/mise}/installs/java/*
${GRADLE_USER_HOME:-$HOME/.gradle}/jdks/*
$HOME/.jbang/cache/jdks/*
/c/Program Files/Java/*
/c/Program Files/Eclipse Adoptium/*
/c/Program Files/Microsoft/*
/c/Program Files/Zulu/*
/c/Program Files/Amazon Corretto/*
/c/Program Files/BellSoft/*"
}

# jdk_version_of HOME: sets jdk_version from the `release` file that every JDK carries; 1 when HOME is no JDK.
jdk_version_of() {
    jdk_version=
    [ -r "$1/release" ] || return 1
    [ -x "$1/bin/javac" ] || [ -x "$1/bin/javac.exe" ] || return 1
    while IFS='=' read -r jdk_key jdk_value; do
        [ "$jdk_key" = JAVA_VERSION ] || continue
        jdk_value=${jdk_value#\"}
        jdk_version=${jdk_value%%\"*}
        return 0
    done <"$1/release"
    return 1
}

# jdk_number VERSION: sets jdk_number so that a newer version has a greater one (25.0.3 -> 25000003).
jdk_number() {
    jdk_rest=${1%%[!0-9.]*}
    jdk_major=${jdk_rest%%.*}
    jdk_rest=${jdk_rest#"$jdk_major"}
    jdk_rest=${jdk_rest#.}
    jdk_minor=${jdk_rest%%.*}
    jdk_rest=${jdk_rest#"$jdk_minor"}
    jdk_rest=${jdk_rest#.}
    jdk_patch=${jdk_rest%%.*}
    jdk_number=$((${jdk_major:-0} * 1000000 + ${jdk_minor:-0} * 1000 + ${jdk_patch:-0}))
}

# jdk_good HOME: whether HOME is a JDK that is new enough. Keeps those that are not for the message.
jdk_good() {
    jdk_version_of "$1" || return 1
    jdk_number "$jdk_version"
    [ "$jdk_number" -ge "$jdk_wanted_number" ] && return 0
    jdk_too_old="$jdk_too_old
    $jdk_version  $1"
    return 1
}

find_jdk() {
    jdk_number "$JDK_WANTED"
    jdk_wanted_number=$jdk_number
    jdk_too_old=
    jdk_given=${JAVA_HOME:-}

    if [ -n "$jdk_given" ] && jdk_good "$jdk_given"; then
        jdk_take "$jdk_given"
        return 0
    fi
    jdk_on_path=$(command -v java) && jdk_on_path=$(readlink -f "$jdk_on_path" 2>/dev/null) || jdk_on_path=
    if [ -n "$jdk_on_path" ] && jdk_good "${jdk_on_path%/bin/*}"; then
        jdk_take "${jdk_on_path%/bin/*}"
        return 0
    fi

    jdk_best=
    jdk_best_number=0
    jdk_places
    jdk_saved_ifs=$IFS
    IFS='
'
    for jdk_home in $JDK_PLACES; do
        IFS=$jdk_saved_ifs
        jdk_good "$jdk_home" || continue
        case $jdk_version in 25.*) jdk_number=$((jdk_number + 1000000000)) ;; esac
        if [ "$jdk_number" -gt "$jdk_best_number" ]; then
            jdk_best=$jdk_home
            jdk_best_number=$jdk_number
        fi
    done
    IFS=$jdk_saved_ifs
    if [ -n "$jdk_best" ]; then
        jdk_version_of "$jdk_best"
        jdk_take "$jdk_best"
        return 0
    fi
    jdk_explain >&2
    return 1
}

jdk_take() {
    JAVA_HOME=$1
    # shellcheck disable=SC2034 # for whoever sources this
    JDK_VERSION=$jdk_version
    export JAVA_HOME
}

jdk_explain() {
    cat <<MESSAGE
Toolpost needs a JDK $JDK_WANTED or newer (not only a JRE), and none was found.

  Install one, for instance Eclipse Temurin 25:
    Debian, Ubuntu   apt install temurin-25-jdk    (Adoptium's package source, https://adoptium.net/installation/linux)
    Fedora           dnf install java-25-openjdk-devel
    macOS            brew install --cask temurin@25
    Windows          winget install EclipseAdoptium.Temurin.25.JDK
    anywhere         sdk install java 25.0.3-tem   (https://sdkman.io), or an archive from https://adoptium.net
  or set JAVA_HOME to one that is installed elsewhere.

  Looked at
    JAVA_HOME        ${jdk_given:-(not set)}
    java on PATH     ${jdk_on_path:-(none)}
MESSAGE
    printf '%s\n' "$JDK_PLACES" | sed 's/^/    /'
    [ -z "$jdk_too_old" ] || printf '\n  Found, but too old:%s\n' "$jdk_too_old"
}
