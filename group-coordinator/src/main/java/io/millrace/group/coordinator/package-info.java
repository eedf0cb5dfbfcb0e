/**
 * The coordinator of consumer groups: admission of members, target assignment, reconciliation,
 * sessions and commits. One event loop owns its state.
 */
@NullMarked
package io.millrace.group.coordinator;

import org.jspecify.annotations.NullMarked;
