# SPDX-License-Identifier: Apache-2.0
# Completion of ballast's commands, options and hosts. The program itself is asked what there is, so that this is never
# out of date.
_ballast_commands() { "$@" --help 2>/dev/null | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z-]*\) .*/\1/p'; }
_ballast_options() { "$@" --help 2>/dev/null | grep -oE -- '(^|[ ,])--[a-z][a-z-]*' | tr -d ' ,'; }
# The names of the [[host]] tables of a configuration.
_ballast_hosts() { sed -n '/^\[\[host\]\]/,/^name/s/^name *= *"\([^"]*\)".*/\1/p' "$1" 2>/dev/null; }

_ballast() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words="" i
    local config=/etc/ballast/ballast.toml
    local -a called=("${COMP_WORDS[0]}")
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
            --config) config=${COMP_WORDS[i + 1]} ;;
            -*) ;;
            *)  # a command, or a command of a command: "trace info"
                [ "$i" = ${#called[@]} ] && _ballast_commands "${called[@]}" | grep -qx -- "${COMP_WORDS[i]}" && called+=("${COMP_WORDS[i]}") ;;
        esac
    done
    case $before in
        --goal) words="auto consolidate drain spread" ;;
        --mode) words="advise auto confirm" ;;
        --config | --record | --snapshot | --plan | --trace | --hosts | --report | -o) ;;
        *)
            words="$(_ballast_commands "${called[@]}") $(_ballast_options "${called[@]}")"
            case ${called[1]:-} in
                drain | undrain | power | check | explain | history) words+=" $(_ballast_hosts "$config")" ;;
            esac
            ;;
    esac
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -o default -F _ballast ballast
