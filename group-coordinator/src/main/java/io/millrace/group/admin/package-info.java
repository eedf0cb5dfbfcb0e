/**
 * Administration of groups: listing, describing, resetting and deleting them, and commits without
 * membership.
 */
@NullMarked
package io.millrace.group.admin;

import org.jspecify.annotations.NullMarked;
