/* SPDX-License-Identifier: MIT */
/* Completions of bash, zsh and fish. */
#include <stdint.h>
#include <string.h>

#include "command/manual.h"
#include "command/options.h"

struct script {
    FILE *out;
    const struct command_entry *command;
};

static void each_command(FILE *out, const struct command_entry *commands, options_visitor visitor)
{
    for (const struct command_entry *c = commands; c->name; c++) {
        struct script script = {out, c};
        char *argv[] = {(char *)(uintptr_t)c->name, NULL};
        if (!c->summary || strcmp(c->name, "help") == 0)
            continue;
        options_describe(visitor, &script);
        (void)c->function(1, argv);
    }
}

/* The names of all commands, divided by blanks. */
static void put_names(FILE *out, const struct command_entry *commands)
{
    const char *blank = "";
    for (const struct command_entry *c = commands; c->name; c++) {
        if (!c->summary)
            continue;
        fprintf(out, "%s%s", blank, c->name);
        blank = " ";
    }
}

/* The choices of an option, divided by blanks. */
static void put_choices(FILE *out, const char *choices)
{
    for (; *choices; choices++)
        fputc(*choices == '|' ? ' ' : *choices, out);
}

/* Text within quotes 'so', where the shell writes a quote as the given text. */
static void put_quoted(FILE *out, const char *text, const char *quote)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, out);
        else
            fputc(*text, out);
    }
}

static void bash_command(const struct usage *usage, void *context)
{
    const struct script *script = context;
    FILE *out = script->out;
    fprintf(out, "    %s)\n        options='--help", script->command->name);
    for (size_t i = 0; i < options_count(usage); i++)
        fprintf(out, " --%s", usage->options[i].name);
    fputs("'\n        case $previous in\n", out);
    for (size_t i = 0; i < options_count(usage); i++) {
        const struct option_spec *o = &usage->options[i];
        if (!o->value)
            continue;
        fprintf(out, "        --%s", o->name);
        if (o->letter)
            fprintf(out, " | -%c", o->letter);
        if (o->kind == OPTION_CHOICE) {
            fputs(") words='", out);
            put_choices(out, o->value);
            fputs("' ;;\n", out);
        } else {
            fputs(") files=1 ;;\n", out);
        }
    }
    fputs("        esac\n        ;;\n", out);
}

static void bash_write(FILE *out, const struct command_entry *commands)
{
    fputs("# bash completion for ouro\n"
          "_ouro() {\n"
          "    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local command=${COMP_WORDS[1]} commands options='' words='' files='' i\n"
          "    commands='",
          out);
    put_names(out, commands);
    fputs(
        "'\n"
        "    COMPREPLY=()\n"
        "    if [[ $COMP_CWORD -eq 1 || $command == help ]]; then\n"
        "        mapfile -t COMPREPLY < <(compgen -W \"$commands\" -- \"$current\")\n"
        "        return\n"
        "    fi\n"
        "    # What 'ouro run' starts is completed as a command line of its own.\n"
        "    if [[ $command == run ]]; then\n"
        "        for ((i = 2; i < COMP_CWORD; i++)); do\n"
        "            [[ ${COMP_WORDS[i]} == -- ]] || continue\n"
        "            if declare -F _command_offset >/dev/null; then _command_offset $((i + 1)); fi\n"
        "            return\n"
        "        done\n"
        "    fi\n"
        "    case $command in\n",
        out);
    each_command(out, commands, bash_command);
    fputs("    esac\n"
          "    if [[ -n $words ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$current\")\n"
          "    elif [[ -z $files && $current == -* ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$current\")\n"
          "    fi\n"
          "}\n"
          "complete -o default -F _ouro ouro\n",
          out);
}

/* Text of a specification of _arguments, within quotes. */
static void zsh_text(FILE *out, const char *text)
{
    for (; *text; text++) {
        if (strchr("[]:\\", *text))
            fputc('\\', out);
        if (*text == '\'')
            fputs("'\\''", out);
        else
            fputc(*text, out);
    }
}

static void zsh_command(const struct usage *usage, void *context)
{
    const struct script *script = context;
    FILE *out = script->out;
    fprintf(out, "    %s)\n        _arguments -s '(-h --help)'{-h,--help}'[print help]' \\\n",
            script->command->name);
    for (size_t i = 0; i < options_count(usage); i++) {
        const struct option_spec *o = &usage->options[i];
        fputs("            ", out);
        if (o->letter)
            fprintf(out, "'(-%c --%s)'{-%c%s,--%s%s}'[", o->letter, o->name, o->letter,
                    o->value ? "+" : "", o->name, o->value ? "=" : "");
        else
            fprintf(out, "'--%s%s[", o->name, o->value ? "=" : "");
        zsh_text(out, o->help);
        fputc(']', out);
        if (o->value && o->kind == OPTION_CHOICE) {
            fputs(":choice:(", out);
            put_choices(out, o->value);
            fputc(')', out);
        } else if (o->value) {
            fputc(':', out);
            zsh_text(out, o->value);
            fputs(":_files", out);
        }
        fputs("' \\\n", out);
    }
    fputs(strcmp(script->command->name, "run") == 0 ? "            '*::command:_normal'\n"
                                                    : "            '*:run:_files'\n",
          out);
    fputs("        ;;\n", out);
}

static void zsh_write(FILE *out, const struct command_entry *commands)
{
    fputs("#compdef ouro\n"
          "# zsh completion for ouro\n"
          "local -a commands\n"
          "commands=(\n",
          out);
    for (const struct command_entry *c = commands; c->name; c++) {
        if (!c->summary)
            continue;
        fprintf(out, "    '%s:", c->name);
        put_quoted(out, c->summary, "'\\''");
        fputs("'\n", out);
    }
    fputs(")\n"
          "if ((CURRENT == 2)); then\n"
          "    _describe 'command' commands\n"
          "    return\n"
          "fi\n"
          "shift words\n"
          "((CURRENT--))\n"
          "case $words[1] in\n"
          "    help) _describe 'command' commands ;;\n",
          out);
    each_command(out, commands, zsh_command);
    fputs("esac\n", out);
}

static void fish_command(const struct usage *usage, void *context)
{
    const struct script *script = context;
    FILE *out = script->out;
    for (size_t i = 0; i < options_count(usage); i++) {
        const struct option_spec *o = &usage->options[i];
        fprintf(out, "complete -c ouro -n '__fish_seen_subcommand_from %s' -l %s",
                script->command->name, o->name);
        if (o->letter)
            fprintf(out, " -s %c", o->letter);
        if (o->value && o->kind == OPTION_CHOICE) {
            fputs(" -x -a '", out);
            put_choices(out, o->value);
            fputc('\'', out);
        } else if (o->value) {
            fputs(" -r", out);
        }
        fputs(" -d '", out);
        put_quoted(out, o->help, "\\'");
        fputs("'\n", out);
    }
}

static void fish_write(FILE *out, const struct command_entry *commands)
{
    fputs("# fish completion for ouro\n", out);
    for (const struct command_entry *c = commands; c->name; c++) {
        if (!c->summary)
            continue;
        fprintf(out, "complete -c ouro -n __fish_use_subcommand -f -a %s -d '", c->name);
        put_quoted(out, c->summary, "\\'");
        fputs("'\n", out);
    }
    fputs("complete -c ouro -n '__fish_seen_subcommand_from help' -f -a '", out);
    put_names(out, commands);
    fputs("'\n", out);
    each_command(out, commands, fish_command);
}

bool completion_write(FILE *out, const char *shell, const struct command_entry *commands)
{
    if (strcmp(shell, "bash") == 0)
        bash_write(out, commands);
    else if (strcmp(shell, "zsh") == 0)
        zsh_write(out, commands);
    else if (strcmp(shell, "fish") == 0)
        fish_write(out, commands);
    else
        return false;
    return true;
}
