package io.fairlead.k8s.cli;

/// How a command prints what it has learnt.
enum Output {
    table,
    json
}
